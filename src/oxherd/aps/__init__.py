"""APS 2.0: the package for Odin Service Automation and CloudBlue Commerce, and the endpoint behind it."""
