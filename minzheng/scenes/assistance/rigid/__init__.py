"""刚性支出困难家庭: a recognition without money by the bills of twelve months; it runs out by itself."""
