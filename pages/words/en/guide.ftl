### The guide.

guide-the-command = the command
