"""The questionnaire as a page in a browser on this machine.

Stage rule: imports the model, the errors and the YAML reader. Which questions there are, what is
recorded and every word about them comes from the caller, as a :class:`~assessor.web.desk.Desk`.

Trust: whoever holds the one-time link may answer; nobody else on the machine, no page in the same
browser and nobody on the network may. ``address`` decides where a request came from, ``doorkeeper``
who sent it, ``uploads`` how much it may bring.
"""
