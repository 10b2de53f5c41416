// The extension for server-sent events looks for htmx on the window.
import htmx from "htmx.org";

(window as unknown as { htmx: typeof htmx }).htmx = htmx;
