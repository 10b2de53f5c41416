// Everything that a person can do, under its name, by button and by key.
import type { Burning } from "./burning";
import { added, merged, removed, split } from "./edits";
import { within, type Editor } from "./editor";
import type { CueList } from "./list";
import type { Replacing } from "./replacing";
import type { Saver } from "./saving";
import type { Screen } from "./screen";
import type { Sheet } from "./sheet";
import { get } from "./types";

export interface Desk {
  readonly sheet: Sheet;
  readonly list: CueList;
  readonly editor: Editor;
  readonly screen: Screen;
  readonly saver: Saver;
  readonly burning: Burning;
  readonly replacing: Replacing;
}

export type Acts = Readonly<Record<string, () => void>>;

export function actsOf(desk: Desk): Acts {
  const { sheet, editor, screen, saver, burning, replacing } = desk;
  const help = get<HTMLDialogElement>("#help");
  return {
    ...aroundCues(desk),
    ...onCues(desk),
    play: () => screen.toggle(),
    listen: () => sheet.cue && screen.listen(sheet.cue),
    undo: () => sheet.undo(),
    redo: () => sheet.redo(),
    replace: () => replacing.toggle(),
    "find-next": () => replacing.next(),
    "replace-one": () => replacing.one(),
    "replace-all": () => replacing.all(),
    reload: () => void saver.reload(),
    "keep-mine": () => void saver.overrule(),
    burn: () => void burning.begin(),
    "close-burning": () => burning.close(),
    "see-clean": () => burning.see(false),
    "see-burned": () => burning.see(true),
    help: () => help.showModal(),
    "begin-here": () => editor.move("start", screen.now_ms),
    "end-here": () => editor.move("end", screen.now_ms),
    "start-earlier": () => editor.nudge("start", -1),
    "start-later": () => editor.nudge("start", 1),
    "end-earlier": () => editor.nudge("end", -1),
    "end-later": () => editor.nudge("end", 1),
  };
}

/** Going from cue to cue. */
function aroundCues({ sheet, list, editor, screen }: Desk): Acts {
  const go = (id: string | undefined): void => {
    if (id === undefined) return;
    sheet.select(id);
    list.reveal();
    if (sheet.cue) screen.show(sheet.cue);
  };
  const beside = (step: number): void => go(sheet.cues[sheet.cues.findIndex((cue) => cue.id === sheet.selected) + step]?.id);
  return {
    next: () => beside(1),
    before: () => beside(-1),
    "next-flagged": () => go(list.nextOpen()?.id),
    checked: () => {
      if (sheet.cue && !sheet.cue.is_checked) editor.toggleChecked();
      go(list.nextOpen()?.id);
    },
  };
}

/** Changing which cues there are. */
function onCues({ sheet, list, editor, screen }: Desk): Acts {
  return {
    split: () => {
      const cue = sheet.cue;
      const done = cue && split(sheet.cues, cue.id, editor.text.selectionStart, within(editor.words.heard, cue));
      if (!done) return;
      sheet.apply(done.cues, done.second);
      list.reveal();
      editor.text.setSelectionRange(0, 0);
    },
    merge: () => {
      const cue = sheet.cue;
      const cues = cue && merged(sheet.cues, cue.id);
      if (!cues) return;
      sheet.apply(cues);
      list.reveal();
      editor.text.setSelectionRange(cue.text.length, cue.text.length);
    },
    add: () => {
      const made = added(sheet.cues, sheet.selected, screen.now_ms);
      sheet.apply(made.cues, made.id);
      list.reveal();
    },
    remove: () => {
      const place = sheet.cues.findIndex((cue) => cue.id === sheet.selected);
      if (place < 0) return;
      const near = sheet.cues[place + 1] ?? sheet.cues[place - 1];
      sheet.apply(removed(sheet.cues, sheet.cues[place]!.id), near?.id ?? null);
      list.reveal();
    },
  };
}
