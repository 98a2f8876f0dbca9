"""What every test may use."""

pytest_plugins = ["tests.lab.browser", "tests.lab.sshd"]
