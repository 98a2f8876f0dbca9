"""Reads the machines of other tools' files: Ansible, OpenSSH, CSV."""
