"""From a run to something a person reads: a pure view, then writers for HTML, JSON and terminal."""
