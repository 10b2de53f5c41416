// The reviewer's desk: the newest subtitles from the server, and everything that works on them.
import { actsOf } from "./desk/acts";
import { Burning } from "./desk/burning";
import { Editor, type Words } from "./desk/editor";
import { listenToKeys } from "./desk/keys";
import { CueList } from "./desk/list";
import { Replacing } from "./desk/replacing";
import { newest, Saver } from "./desk/saving";
import { Screen } from "./desk/screen";
import { Sheet } from "./desk/sheet";
import { get, say, settings } from "./desk/types";
import { Wave } from "./desk/wave";

async function open(): Promise<void> {
  const found = await newest();
  const sheet = new Sheet(found.cues, found.cues[0]?.id ?? null);
  const editor = new Editor(sheet);
  const list = new CueList(sheet, editor);
  const saver = new Saver(sheet, found.version);
  const screen = new Screen(sheet);
  const burning = new Burning(saver, screen);
  const acts = actsOf({ sheet, list, editor, screen, saver, burning, replacing: new Replacing(sheet, list, editor) });
  get("#kept").textContent = say("kept");
  document.querySelector("#desk")!.addEventListener("click", (event) => {
    const act = (event.target as Element).closest<HTMLElement>("[data-act]")?.dataset.act;
    if (act) acts[act]?.();
  });
  listenToKeys(acts, editor);
  prepareButtons(sheet);
  list.reveal();
  const wave = new Wave(sheet, screen.video, () => list.reveal());
  followSelection(sheet, screen, wave);
  await Promise.all([judged(sheet, saver, list), words(editor), drawn(wave)]);
}

/** Show what is said about the cues, and open the first one to look at where nobody has done anything yet. */
async function judged(sheet: Sheet, saver: Saver, list: CueList): Promise<void> {
  const [first, cues] = [sheet.selected, sheet.cues];
  await saver.judge();
  const open = sheet.cues.find((cue) => sheet.isOpen(cue));
  if (!open || sheet.selected !== first || sheet.cues !== cues) return;
  sheet.select(open.id);
  list.reveal();
}

/** Let picture and sound follow the cue that is selected. */
function followSelection(sheet: Sheet, screen: Screen, wave: Wave): void {
  let shown = sheet.selected;
  if (sheet.cue) screen.show(sheet.cue);
  sheet.listen(() => {
    if (sheet.selected === shown) return;
    shown = sheet.selected;
    if (!sheet.cue) return;
    if (screen.video.paused) screen.show(sheet.cue);
    wave.show();
  });
}

function prepareButtons(sheet: Sheet): void {
  const [undo, redo] = [get<HTMLButtonElement>("[data-act=undo]"), get<HTMLButtonElement>("[data-act=redo]")];
  const update = (): void => {
    if (undo.disabled === sheet.canUndo) undo.disabled = !sheet.canUndo;
    if (redo.disabled === sheet.canRedo) redo.disabled = !sheet.canRedo;
  };
  sheet.listen(update);
  update();
}

async function words(editor: Editor): Promise<void> {
  const answer = await fetch(`${settings.base}/words`);
  if (answer.ok) editor.words = (await answer.json()) as Words;
  editor.refresh();
}

/** Draw the sound, which may have to be prepared first. */
async function drawn(wave: Wave): Promise<void> {
  for (;;) {
    try {
      return await wave.open();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 2000));
    }
  }
}

void open();
