"""Every error a person can meet: a stable id, what happened, what to do, and the exit code.

Each class is one reason. ``what`` and ``remedy`` are gettext sources; ``{path}`` stands for the file in question and
other names for values given at the raise. Exit code 1 is never used: it means a crash.
"""

from pathlib import Path
from typing import ClassVar

from pipeline.texts import N_, Message


class WeikeError(Exception):
    """Base of all reasons to stop; never raised itself."""

    id: ClassVar[str] = "weike"
    exit_code: ClassVar[int] = 5
    what: ClassVar[str] = ""
    remedy: ClassVar[str] = ""

    def __init__(self, path: Path | str | None = None, *, log: str = "", **values: object) -> None:
        """Hold what the sentences need.

        Args:
            path: the file or folder in question.
            log: the tail of a program's output, for the log and never for the sentence.
            **values: what the names in ``what`` and ``remedy`` stand for.
        """
        self.path = None if path is None else Path(path)
        self.log = log
        self.values = {"path": "" if path is None else str(path), **{k: str(v) for k, v in values.items()}}
        super().__init__(f"{self.id}: {self.what.format_map(self.values)}")

    @property
    def message(self) -> Message:
        """What happened, and to which file."""
        return Message(self.what, self.values)

    @property
    def advice(self) -> Message:
        """What the person can do about it."""
        return Message(self.remedy, self.values)


class UsageError(WeikeError):
    """The command cannot be carried out as given."""

    exit_code = 2


class InputError(WeikeError):
    """The recording, script or subtitle file cannot be used."""

    exit_code = 3


class MissingToolError(WeikeError):
    """This machine lacks something the job needs."""

    exit_code = 4


class MediaToolError(WeikeError):
    """ffmpeg failed, or what it wrote did not verify."""

    exit_code = 5


class RecognitionError(WeikeError):
    """The speech engine failed."""

    exit_code = 6


# -- usage ------------------------------------------------------------------------------------------------------------


class TitleMissingError(UsageError):
    """A card was asked for, and nobody knows what it should say."""

    id = "title.missing"
    what = N_("The title card needs the lecture's title.")
    remedy = N_("Give it with --title, and the speaker and the unit with --speaker and --unit.")


class SpeakerMissingError(UsageError):
    """A lower third was asked for, and nobody knows whom it should name."""

    id = "title.no-speaker"
    what = N_("A lower third needs to know who speaks.")
    remedy = N_("Give the name with --speaker, or leave the lower third out with --no-lower-third.")


class TitleTooLongError(UsageError):
    """Words that do not fit on a card or a panel."""

    id = "title.too-long"
    what = N_("This does not fit on the title card or lower third: {text}")
    remedy = N_("Shorten it, or leave the card out with --no-card, the lower third with --no-lower-third.")


class WebTokenError(UsageError):
    """Pages that strangers could open."""

    id = "web.token"
    what = N_("Other machines can reach {host}, so a token of at least {least} characters is needed.")
    remedy = N_("Give one a person with --token or in WEIKE_TOKENS, or serve this machine alone with --host 127.0.0.1.")


class WebPortError(UsageError):
    """The address is taken, or is not this machine's."""

    id = "web.port"
    what = N_("Pages cannot be served at {host}:{port}: {reason}.")
    remedy = N_("Choose another --port, or stop the program that uses it.")


class WebRefusedError(UsageError):
    """A request for another host, or from another page."""

    id = "web.refused"
    what = N_("This was asked by or for a place that is not this server: {host}.")
    remedy = N_("Open the page under the address that the server printed; name further ones with --name.")


class WebLoginNeededError(UsageError):
    """Nobody is logged in."""

    id = "web.login-needed"
    what = N_("You are not logged in.")
    remedy = N_("Log in with your token.")


class WebLoginWrongError(UsageError):
    """A token that nobody has."""

    id = "web.login-wrong"
    what = N_("This token is not known here.")
    remedy = N_("Check it, or ask whoever looks after Weike for one.")


class WebTooOftenError(UsageError):
    """Somebody asks without end."""

    id = "web.too-often"
    what = N_("There were too many requests within a minute.")
    remedy = N_("Wait a minute and try again.")


class WebNotFoundError(UsageError):
    """A page or file that is not there, or is somebody else's."""

    id = "web.not-found"
    what = N_("There is nothing at this address, or it is not yours.")
    remedy = N_("Go back to the first page and choose again.")


class WebFormError(UsageError):
    """A form that asks for what cannot be done."""

    id = "web.form"
    what = N_("The form cannot be taken: {reason}.")
    remedy = N_("Go back, correct it, and send it again.")


class WebNotNowError(UsageError):
    """Something that can be done at other times only."""

    id = "web.not-now"
    what = N_("This cannot be done as things stand.")
    remedy = N_("Load the page again: somebody else may have done it already, or a batch works on the season.")


class WebBrokenError(UsageError):
    """A fault of the pages themselves."""

    id = "web.broken"
    exit_code = 5
    what = N_("The server met a fault of its own.")
    remedy = N_("Try again; if it happens again, tell whoever looks after Weike: the server's window says more.")


class WebStaleError(UsageError):
    """Subtitles that somebody else has changed meanwhile."""

    id = "web.stale"
    what = N_("These subtitles were changed elsewhere meanwhile: yours follow version {yours}, the newest is {theirs}.")
    remedy = N_("Load the newest version, or keep yours over it; earlier versions stay on the server.")


class WebNoReviewError(UsageError):
    """A lecture that has no subtitles to be reviewed."""

    id = "web.no-review"
    what = N_("This lecture has no subtitles that could be reviewed yet.")
    remedy = N_("Wait until it is finished, or try it again.")


class UploadGoneError(UsageError):
    """An upload that is not there, or is somebody else's."""

    id = "web.upload-gone"
    what = N_("This upload is not there any more.")
    remedy = N_("Choose the file again; the upload begins anew.")


class UploadRefusedError(UsageError):
    """An upload that is not taken."""

    id = "web.upload-refused"
    what = N_("The file {path} is not taken: {reason}.")
    remedy = N_("Finish or remove other uploads, or put the recording into the served folder and pick it there.")


class UnknownPresetError(UsageError):
    """No preset of that id."""

    id = "preset.unknown"
    what = N_("There is no preset named {name}.")
    remedy = N_("Choose one of: {known}; or give the path of a .toml file.")


class BrokenPresetError(UsageError):
    """A preset file does not hold what a preset must."""

    id = "preset.broken"
    what = N_("The preset {path} cannot be used: {problem}")
    remedy = N_("Correct that line of the file; `weike presets` shows presets that work.")


class UnknownEngineError(UsageError):
    """No speech engine of that name."""

    id = "engine.unknown"
    what = N_("There is no speech engine named {name}.")
    remedy = N_("Choose one of: {known}.")


class OutputExistsError(UsageError):
    """A folder or file stands where the delivery would go, and Weike did not write it."""

    id = "output.exists"
    what = N_("{path} already exists and was not made by Weike.")
    remedy = N_("Move it away or choose another folder with --out; nothing was changed.")


class LectureThereError(UsageError):
    """Subtitles alone would be written over those that belong to a finished lecture."""

    id = "output.lecture"
    what = N_("{path} holds a finished lecture, whose subtitles belong to its picture.")
    remedy = N_("Choose another folder with --out; nothing was changed.")


class OutputUnwritableError(UsageError):
    """The output folder cannot be written."""

    id = "output.unwritable"
    what = N_("Nothing can be written to {path}: {reason}.")
    remedy = N_("Choose a folder you may write to with --out.")


class CacheUnwritableError(UsageError):
    """The cache folder cannot be written."""

    id = "cache.unwritable"
    what = N_("Nothing can be kept in the cache folder {path}: {reason}.")
    remedy = N_("Choose a folder you may write to with --cache.")


class OutputBusyError(UsageError):
    """Another run is writing this output."""

    id = "output.busy"
    what = N_("Another run of Weike is working on {path}.")
    remedy = N_("Wait for it to end, or choose another folder with --out.")


class PackageNotAskedError(UsageError):
    """The preset's notice asks for lectures alone."""

    id = "package.not-asked"
    what = N_("The preset {name} asks for no package, only for lectures.")
    remedy = N_("Choose a preset whose notice asks for one, such as seu-2020, with --preset.")


class NothingNamedError(UsageError):
    """A package of nothing."""

    id = "package.unnamed"
    what = N_("No folder and no files were named for the package.")
    remedy = N_("Give the folder that holds them, or name each part with --lecture, --story, --case and --piece.")


class QueueOnShareError(UsageError):
    """The queue would lie on a network file system, which loses what SQLite writes."""

    id = "queue.share"
    what = N_("The queue cannot lie in {path}, which is on a network file system ({kind}).")
    remedy = N_("Choose a folder on this machine's own disk; lectures and the cache may stay on the share.")


class QueueBusyError(UsageError):
    """Two coordinators, one queue."""

    id = "queue.busy"
    what = N_("Another coordinator has the queue in {path} open.")
    remedy = N_("Stop that one first, or choose another folder.")


class QueueVersionError(UsageError):
    """A queue that another version of Weike wrote."""

    id = "queue.version"
    what = N_("The queue in {path} was written by another version of Weike ({found}, this one writes {needed}).")
    remedy = N_("Finish it with that version, or choose another folder.")


class NoQueueError(UsageError):
    """Somebody asks how a queue stands that is not there."""

    id = "queue.none"
    what = N_("There is no queue in {path}.")
    remedy = N_("Ask on the machine where the coordinator runs, with the --out or --queue that it was given.")


class NoTlsError(UsageError):
    """A connection that others on the network could read, and could make run anything."""

    id = "cluster.no-tls"
    what = N_("{address} would be reached over the network without encryption.")
    remedy = N_(
        "Make a certificate with `weike cluster certificate FOLDER`, copy the folder to every workstation, and give it"
        " with --certificates there and here."
    )


class BadAddressError(UsageError):
    """No address of a coordinator."""

    id = "cluster.address"
    what = N_("{address} is no address of a coordinator.")
    remedy = N_("Write it as tls://host:port, such as tls://192.0.2.10:8786.")


class CertificatesError(UsageError):
    """A folder of certificates that cannot be used, or would be written over."""

    id = "cluster.certificates"
    what = N_("The certificates in {path} cannot be used: {reason}.")
    remedy = N_("Make new ones with `weike cluster certificate` in an empty folder; copy it to every workstation.")


class ListenError(UsageError):
    """The coordinator's address is not this machine's, or is taken."""

    id = "cluster.listen"
    what = N_("The coordinator cannot listen at {address}: {reason}.")
    remedy = N_("Give an address of this machine and a free port with --listen.")


class RegisterThereError(UsageError):
    """A file stands where an empty register would be written."""

    id = "register.exists"
    what = N_("{path} already exists.")
    remedy = N_("Choose another name; nothing was changed.")


class AnnouncementSettingsError(UsageError):
    """The settings for words at the end of a batch do not hold what they must."""

    id = "notify.settings"
    what = N_("The settings for notices {path} cannot be used: {problem}")
    remedy = N_("Correct them, or leave --notify out; docs/season.md shows an example.")


# -- input ------------------------------------------------------------------------------------------------------------


class NoSuchFileError(InputError):
    """Nothing is at that path."""

    id = "input.missing"
    what = N_("The file {path} does not exist.")
    remedy = N_("Check the name and the folder.")


class NotARegularFileError(InputError):
    """A folder, pipe, device or socket instead of a file."""

    id = "input.not-a-file"
    what = N_("{path} is {kind}, not a file.")
    remedy = N_("Give the path of a recording.")


class UnreadableFileError(InputError):
    """The file exists and may not be read."""

    id = "input.unreadable"
    what = N_("The file {path} cannot be read: {reason}.")
    remedy = N_("Check the file's permissions and the disk it lies on.")


class EmptyFileError(InputError):
    """Zero bytes."""

    id = "input.empty"
    what = N_("The file {path} is empty (0 bytes).")
    remedy = N_("Copy the recording again from the camera or phone.")


class NotMediaError(InputError):
    """The content is no container that Weike opens."""

    id = "input.not-media"
    what = N_("{path} is not a video file that Weike can open.")
    remedy = N_("Give a recording such as MP4, MOV, MKV, AVI, MPEG-TS, FLV, WMV or WebM; the content counts.")


class TruncatedError(InputError):
    """The container's index or most of its data is missing."""

    id = "input.truncated"
    what = N_("The recording {path} is incomplete: its index or its end is missing.")
    remedy = N_("Copy it again from the camera or phone; if the original is the same, repair it there first.")


class NoPictureError(InputError):
    """Sound only."""

    id = "input.no-picture"
    what = N_("{path} holds no picture.")
    remedy = N_("Give the video recording; a lecture cannot be made from sound alone.")


class NothingDecodesError(InputError):
    """A container of the right kind from which no frame comes out."""

    id = "input.undecodable"
    what = N_("No picture in {path} can be decoded ({codec}).")
    remedy = N_("Export the recording again, as H.264 in MP4 if you can choose.")


class EncryptedError(InputError):
    """Copy protection: the picture is encrypted."""

    id = "input.encrypted"
    what = N_("{path} is encrypted (DRM), so its picture cannot be shown.")
    remedy = N_("Give the original recording from the camera or phone, or an export without copy protection.")


class DolbyVisionError(InputError):
    """Dolby Vision without a base layer that anything else shows in its right colours."""

    id = "input.dolby-vision"
    what = N_("The picture of {path} is Dolby Vision (profile {profile}), which only Dolby's players show rightly.")
    remedy = N_("Export it as HDR10, HLG or standard video, and record with Dolby Vision switched off.")


class AbsurdTimesError(InputError):
    """Timestamps that no lecture has."""

    id = "input.times"
    what = N_("The timestamps in {path} cannot be right: it would last {hours} hours.")
    remedy = N_("Export the recording again, as H.264 in MP4 if you can choose.")


class AudioTrackError(InputError):
    """A sound track was asked for that the recording does not have."""

    id = "input.audio-track"
    exit_code = 2
    what = N_("There is no sound track {number} in {path}; it has {count}.")
    remedy = N_("Give --audio-track a number from 1 to that count, or leave it out for the default track.")


class DeadAudioTrackError(InputError):
    """The sound track that was asked for does not decode."""

    id = "input.audio-track-undecodable"
    what = N_("Sound track {number} of {path} cannot be decoded ({codec}).")
    remedy = N_("Choose another track with --audio-track, or leave it out for the default one that works.")


class NoSubtitleTrackError(InputError):
    """A subtitle track was asked for that the recording does not have."""

    id = "subtitle.no-track"
    what = N_("There is no subtitle track {number} in {path}; it has {count}.")
    remedy = N_("Choose one that the recording has, or give a subtitle file.")


class SubtitleChoiceError(UsageError):
    """A subtitle file and a subtitle track, of which only one can be burned in."""

    id = "subtitle.both"
    what = N_("Both a subtitle file and a subtitle track of {path} were given.")
    remedy = N_("Leave out the file, or --subtitle-track.")


class NoSubtitlesGivenError(UsageError):
    """Nothing to burn in was given."""

    id = "subtitle.none-given"
    what = N_("Neither a subtitle file nor a subtitle track was given. Text tracks in {path}: {tracks}.")
    remedy = N_("Name a file after the recording, or the number of a track with --subtitle-track.")


class PictureSubtitlesError(InputError):
    """Subtitles that are stored as pictures: there is no text to take."""

    id = "subtitle.pictures"
    what = N_("Subtitle track {number} of {path} holds pictures ({codec}), not text.")
    remedy = N_("Choose a text track, or give a subtitle file; `weike subtitle` writes one from the speech.")


class SubtitleFileError(InputError):
    """A subtitle file that cannot be read."""

    id = "subtitle.unreadable"
    what = N_("The subtitle file {path} cannot be read: {reason}.")
    remedy = N_("Save it as SRT in UTF-8 and try again.")


class NoCueError(InputError):
    """A subtitle file of the right kind in which no cue can be read."""

    id = "subtitle.empty"
    what = N_("None of the {found} cues in the subtitle file {path} can be read.")
    remedy = N_("A cue is a line of times such as 00:00:01,000 --> 00:00:03,000 with its text below.")


class NothingToShowError(InputError):
    """A subtitle file none of whose cues falls into the recording."""

    id = "subtitle.elsewhere"
    what = N_("No cue of {path} can be shown in this recording: {reasons}")
    remedy = N_("Check that the subtitle file belongs to this recording, and its times.")


class TermsFileError(InputError):
    """A list of terms that cannot be used."""

    id = "terms.unreadable"
    what = N_("The list of terms {path} cannot be used: {reason}.")
    remedy = N_("Write one term a line, in UTF-8; `wrong=right` names a known slip, # begins a comment.")


class LogoFileError(InputError):
    """A logo that cannot be drawn."""

    id = "logo.unreadable"
    what = N_("The logo {path} cannot be used: {reason}.")
    remedy = N_("Give a PNG, JPEG, WebP or BMP picture; PNG with a transparent ground looks best.")


class ScriptFileError(InputError):
    """A lecture script that cannot be read."""

    id = "script.unreadable"
    what = N_("The script {path} cannot be read: {reason}.")
    remedy = N_("Save it as plain text (UTF-8) or as .docx and try again.")


class ForeignScriptError(InputError):
    """The script belongs to another lecture, or nothing of it was recognised."""

    id = "script.foreign"
    what = N_("The script {path} does not fit the recording: only {share} of the speech follows it.")
    remedy = N_(
        "Give the script of this lecture, or none. If it is the right one, recognition fails: try a better model."
    )


class NotAFolderError(InputError):
    """A file where a folder was expected."""

    id = "package.not-a-folder"
    what = N_("{path} is not a folder.")
    remedy = N_("Give the folder that holds the parts of the package.")


class NothingToPackError(InputError):
    """No file in any part."""

    id = "package.empty"
    what = N_("There is nothing to deliver in {path}.")
    remedy = N_("Put the files into its sub-folders {folders}.")


class TooManyFilesError(InputError):
    """A disk, not a package."""

    id = "package.too-many"
    what = N_("{path} holds more than {most} files, which is no package.")
    remedy = N_("Name a folder that holds only what is to be delivered.")


class ChangedWhilePackedError(InputError):
    """A file is not what it was when it was checked."""

    id = "package.changed"
    what = N_("The file {path} changed while the package was made.")
    remedy = N_("Close the programs that have it open and run the command again; no ZIP was written.")


class RegisterFileError(InputError):
    """A register that cannot be read at all."""

    id = "register.unreadable"
    what = N_("The register {path} cannot be read: {reason}.")
    remedy = N_("Save it as .xlsx or as CSV in UTF-8; `weike register new` writes a template.")


class RegisterRowError(InputError):
    """A row of a register with bad cells."""

    id = "register.row"
    what = N_("Row {row} of the register {path} has cells that cannot be used: {cells}.")
    remedy = N_("Correct the cells named and run the same command again; what is finished is not done again.")


class NoRecordingsError(InputError):
    """A folder or register without a lecture in it."""

    id = "batch.empty"
    what = N_("There is no recording in {path}.")
    remedy = N_("Give a folder that holds recordings, or a register with a row for each lecture.")


# -- missing on this machine ------------------------------------------------------------------------------------------


class NoFfmpegError(MissingToolError):
    """No ffmpeg here can encode H.264 and draw subtitles."""

    id = "ffmpeg.missing"
    what = N_("No ffmpeg on this machine can do the job: {reason}.")
    remedy = N_("Run `pip install imageio-ffmpeg`, or install an ffmpeg with libx264 and libass.")


class NoFontError(MissingToolError):
    """No Chinese font."""

    id = "font.missing"
    what = N_("No Chinese font was found, so subtitles cannot be drawn.")
    remedy = N_("Run `weike doctor --fix`, or put NotoSansSC-Medium.ttf into {folder}.")


class MissingGlyphError(MissingToolError):
    """The font lacks characters of the subtitles."""

    id = "font.glyphs"
    what = N_("The font {font} lacks the characters {characters}.")
    remedy = N_("Replace these characters in the subtitles, or name another font in the preset.")


class NoModelError(MissingToolError):
    """The recognition model is not on this machine and cannot be fetched."""

    id = "model.missing"
    what = N_("The recognition model {name} is not on this machine.")
    remedy = N_("Put the file {file} into {folder}, or give its path with --model.")


class BrokenModelError(MissingToolError):
    """A model file that does not load."""

    id = "model.broken"
    what = N_("The recognition model {path} cannot be loaded: {reason}.")
    remedy = N_("Copy the model file again; its size or content is not what it should be.")


class ForeignWorkerError(MissingToolError):
    """A worker whose programs would make other files than the coordinator's."""

    id = "cluster.foreign-worker"
    what = N_("This machine would make other files than the coordinator's: {differences}.")
    remedy = N_(
        "Make both alike and start the worker again: the same version of Weike with its packages, the same ffmpeg"
        " (WEIKE_FFMPEG names one), the same model file, font and encoder."
    )


class ShareMissingError(MissingToolError):
    """A worker that does not see what the coordinator sees."""

    id = "cluster.share"
    what = N_("This machine does not see the coordinator's folder {path}: {reason}.")
    remedy = N_("Mount the shared folder here under the same path as on the coordinator, with the right to write.")


class DiskFullError(MissingToolError):
    """Not enough free space."""

    id = "disk.full"
    what = N_("There is not enough free space on the disk of {path}: {needed} needed, {free} free.")
    remedy = N_("Free some space, or choose another disk with --out and --cache.")


# -- ffmpeg and recognition -------------------------------------------------------------------------------------------


class FfmpegFailedError(MediaToolError):
    """ffmpeg ended with an error."""

    id = "ffmpeg.failed"
    what = N_("ffmpeg failed while working on {path}: {reason}.")
    remedy = N_("Run the command again; if it fails in the same way, send the log to whoever looks after Weike.")


class StalledError(MediaToolError):
    """ffmpeg made no progress or ran past its time."""

    id = "ffmpeg.stalled"
    what = N_("ffmpeg made no progress on {path} for {seconds} seconds and was stopped.")
    remedy = N_("Check that the disk is reachable, then run the command again: finished parts are kept.")


class FfmpegSilentError(MediaToolError):
    """ffmpeg ended well and did not say what it measured: what it said was lost on the way."""

    id = "ffmpeg.silent"
    what = N_("ffmpeg finished its work on {path} without saying what it measured.")
    remedy = N_("Run the command again; finished parts are kept. If it fails in the same way, check disk and memory.")


class FfmpegKilledError(MediaToolError):
    """ffmpeg was ended from outside, as by a system that is short of memory; the recording is not to blame."""

    id = "ffmpeg.killed"
    what = N_("ffmpeg was ended by the system or by somebody while it worked on {path}.")
    remedy = N_("Close other programs, since memory may be short, and run the command again: finished parts are kept.")


class VerificationError(MediaToolError):
    """What was written is not what was planned."""

    id = "output.unverified"
    what = N_("The finished video did not pass its own check ({problem}) and was not delivered.")
    remedy = N_("Run the command again; finished parts are kept. If it fails in the same way, check the disk.")


class EngineFailedError(RecognitionError):
    """The engine raised in the middle of the work."""

    id = "recognition.failed"
    what = N_("Speech recognition failed on {path}: {reason}.")
    remedy = N_("Try a smaller model with --model; `weike doctor` shows the models on this machine.")


class LectureCrashedError(WeikeError):
    """A fault of Weike itself, met in one lecture of many."""

    id = "batch.crashed"
    what = N_("A fault in Weike stopped this lecture: {reason}.")
    remedy = N_("Send the log to whoever looks after Weike; --retry-failed tries again. The other lectures go on.")


class LectureFatalError(WeikeError):
    """A lecture that took the whole process with it, again and again."""

    id = "batch.fatal"
    what = N_("Weike ended {count} times while it worked on this lecture, which is set aside now.")
    remedy = N_("Check that memory and disk suffice; --retry-failed tries again. The other lectures go on.")


class SetAsideError(WeikeError):
    """A lecture that ends the workers that try it."""

    id = "cluster.set-aside"
    exit_code = 5
    what = N_("{count} times a worker ended while it worked on this lecture, which is set aside now.")
    remedy = N_(
        "Check that the workstations' memory and disks suffice; --retry-failed tries again. The other lectures go on."
    )


class InterruptedByPersonError(WeikeError):
    """Ctrl-C."""

    id = "interrupted"
    exit_code = 130
    what = N_("Stopped. Nothing half-written was left behind.")
    remedy = N_("Run the same command again to go on where it stopped.")
