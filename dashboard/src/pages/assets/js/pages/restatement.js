// restatement
