### The guide.

guide-the-command = 命令
