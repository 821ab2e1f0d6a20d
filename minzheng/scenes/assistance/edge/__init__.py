"""最低生活保障边缘家庭: a recognition without money, reviewed yearly."""
