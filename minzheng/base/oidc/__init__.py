"""Sign-in for outside systems (统一登录): they send an officer here and learn name, post and place, nothing more."""
