"""The reviewer's desk: subtitles beside picture and sound, corrected, judged and burned in again."""
