"""数据大脑: rules, later models of risk and demand."""
