"""A stand-in for an APS 2.0 controller: the control panel of a provider, with its customers and the application bus."""
