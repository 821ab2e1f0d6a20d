"""服务类社会救助: what a household needs beside money, who gives it, and that it was given (社会救助法 art. 34;
民发〔2026〕35号)."""
