### The guide.

guide-the-command = 命令

guide-none = 这里没有导览
