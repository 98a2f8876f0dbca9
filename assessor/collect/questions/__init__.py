"""The kinds of questions that are put to services from outside, one module each."""
