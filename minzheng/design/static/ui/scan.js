/* 读卡器与扫码枪:它们像键盘一样打字并以回车结束。<input data-scan> 去掉空白,号码合乎样式就提交所在表单,
   或把焦点送到 data-scan-next 指的域;不合样式就选中全文等着再刷一次,并说明原因。 */
(() => {
  "use strict";
  document.querySelectorAll("input[data-scan]").forEach((input) => {
    const fits = new RegExp(input.dataset.scan || "^\\d{17}[\\dXx]$");
    const say = document.createElement("p");
    say.className = "hint";
    say.setAttribute("role", "status");
    input.after(say);
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.ctrlKey) return;
      event.preventDefault();
      input.value = input.value.replace(/\s/g, "").toUpperCase();
      if (!fits.test(input.value)) {
        say.textContent = "没有读全号码,请再刷一次,或用键盘补齐后按回车。";
        input.select();
        return;
      }
      say.textContent = "";
      const next = input.dataset.scanNext && document.querySelector(input.dataset.scanNext);
      if (next) next.focus(); else if (input.form) input.form.requestSubmit();
    });
  });
})();
