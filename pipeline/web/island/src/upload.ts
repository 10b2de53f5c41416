// The form of a lecture: files go up first, in blocks that survive a broken line, then the form goes with their ids.
import { Upload, type DetailedError } from "tus-js-client";

const BLOCK_BYTES = 16 * 1024 * 1024;
const RETRY_MS = [0, 1000, 3000, 5000, 10000, 20000, 30000];

export function prepareForm(): void {
  const form = document.querySelector<HTMLFormElement>("#wish");
  const recording = form?.querySelector<HTMLInputElement>("#recording");
  if (!form || !recording) return;
  prepareDrop(form, recording);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void send(form, recording);
  });
}

function prepareDrop(form: HTMLFormElement, recording: HTMLInputElement): void {
  const drop = form.querySelector<HTMLElement>("#drop")!;
  const name = drop.querySelector<HTMLElement>("[data-name]")!;
  const asked = name.textContent;
  const show = (): void => {
    name.textContent = recording.files?.[0]?.name ?? asked;
  };
  recording.addEventListener("change", show);
  for (const kind of ["dragenter", "dragover"]) {
    drop.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer?.files.length) {
      recording.files = event.dataTransfer.files;
      show();
    }
  });
}

async function send(form: HTMLFormElement, recording: HTMLInputElement): Promise<void> {
  const button = form.querySelector<HTMLButtonElement>("button.main")!;
  const sending = form.querySelector<HTMLElement>(".sending")!;
  const trouble = form.querySelector<HTMLElement>("#trouble")!;
  const script = form.querySelector<HTMLInputElement>("#script");
  button.disabled = true;
  trouble.hidden = true;
  try {
    for (const [input, field] of [[script, "script"], [recording, "upload"]] as const) {
      const file = input?.files?.[0];
      if (!file) continue;
      sending.hidden = false;
      const id = await uploaded(file, (share) => tell(form, sending, share));
      form.querySelector<HTMLInputElement>(`input[type=hidden][name=${field}]`)!.value = id;
    }
    form.submit();
  } catch (error) {
    trouble.textContent = reason(error as DetailedError) ?? form.dataset.failed ?? "";
    trouble.hidden = false;
    sending.hidden = true;
    button.disabled = false;
  }
}

function tell(form: HTMLFormElement, sending: HTMLElement, share: number): void {
  const percent = Math.floor(100 * share);
  sending.querySelector("progress")!.value = percent;
  sending.querySelector("span")!.textContent = (form.dataset.sending ?? "{percent}").replace("{percent}", `${percent}`);
}

/** Upload a file, going on with an earlier try of the same file, and return its id. */
function uploaded(file: File, onShare: (share: number) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const upload = new Upload(file, {
      endpoint: "/uploads",
      chunkSize: BLOCK_BYTES,
      retryDelays: RETRY_MS,
      removeFingerprintOnSuccess: true,
      metadata: { filename: file.name },
      onProgress: (sent, total) => onShare(total ? sent / total : 0),
      onError: reject,
      onSuccess: () => resolve(upload.url!.split("/").pop()!),
    });
    void upload.findPreviousUploads().then((earlier) => {
      if (earlier[0]) upload.resumeFromPreviousUpload(earlier[0]);
      upload.start();
    }, () => upload.start());
  });
}

/** Return what the server says against it, in its own words. */
function reason(error: DetailedError): string | null {
  try {
    const told = JSON.parse(error.originalResponse!.getBody()) as { message: string; advice: string };
    return `${told.message} ${told.advice}`;
  } catch {
    return null;
  }
}
