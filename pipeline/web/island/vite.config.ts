import { defineConfig } from "vite";

export default defineConfig({
  build: {
    outDir: "../static",
    emptyOutDir: true,
    target: "es2020",
    modulePreload: false,
    license: { fileName: "licences.md" },
    rollupOptions: { input: { page: "src/page.ts", desk: "src/desk.ts" }, output: { entryFileNames: "[name].js", chunkFileNames: "[name].js" } },
  },
});
