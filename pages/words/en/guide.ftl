### The guide.

guide-the-command = the command

guide-none = there is no guide here
