from oxherd.controller.command import controller

controller()
