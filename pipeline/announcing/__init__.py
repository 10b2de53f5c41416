"""Words for people when a batch ends: an e-mail, a web hook. Their failure is told and fails nothing."""
