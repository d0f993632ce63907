from oxherd.sandbox.command import sandbox

sandbox()
