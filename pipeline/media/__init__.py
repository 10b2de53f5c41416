"""Everything that touches media files and external programs: processes, probing, filter graphs, encoders, fonts."""
