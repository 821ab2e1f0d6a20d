/* 草稿:<form data-draft="事项-案件-账户"> 的内容随填随存在本机,断电重开后自动填回。
   不存密码、文件、隐藏域和标了 data-nodraft 的域;7 天过期;退出登录即清空。 */
(() => {
  "use strict";
  const PREFIX = "draft:";
  const WEEK = 7 * 86400e3;
  let store;
  try { store = window.localStorage; store.getItem(PREFIX); } catch { return; }
  const read = (key) => { try { return JSON.parse(store.getItem(key)); } catch { return null; } };
  const write = (key, value) => { try { store.setItem(key, JSON.stringify(value)); } catch { /* 已满:不存也不碍事 */ } };
  const drafts = () => Object.keys(store).filter((key) => key.startsWith(PREFIX));
  const fields = (form) => [...form.elements].filter((one) => one.name && !one.closest("[data-nodraft]") &&
    !["password", "file", "hidden", "submit", "button"].includes(one.type));

  const gather = (form) => fields(form).map((one) => [one.name, one.type === "checkbox" || one.type === "radio" ? [one.value, one.checked] : one.value]);
  const pour = (form, saved) => {
    const left = saved.slice();
    fields(form).forEach((one) => {
      const ticked = one.type === "checkbox" || one.type === "radio";
      const place = left.findIndex(([name, value]) => name === one.name && (!ticked || (Array.isArray(value) && value[0] === one.value)));
      if (place < 0) return;
      const [[, value]] = left.splice(place, 1);
      if (ticked) one.checked = value[1]; else if (typeof value === "string") one.value = value;
    });
  };

  const present = new Set();
  document.querySelectorAll("form[data-draft]").forEach((form) => {
    const key = PREFIX + form.dataset.draft;
    present.add(key);
    const blank = JSON.stringify(gather(form));
    const draft = read(key);
    const refused = document.querySelector(".errors");  // 服务器退回的表单已带着用户填的值
    if (draft && !refused && JSON.stringify(draft.values) !== blank) {
      pour(form, draft.values);
      const bar = document.createElement("div");
      bar.className = "notice";
      bar.setAttribute("role", "status");
      const words = document.createElement("p");
      words.textContent = `已填回 ${new Date(draft.at).toLocaleString("zh-CN", { hour12: false })} 没有提交的草稿。`;
      const drop = document.createElement("button");
      drop.type = "button";
      drop.className = "btn small push";
      drop.textContent = "不要草稿";
      drop.addEventListener("click", () => { store.removeItem(key); pour(form, JSON.parse(blank)); bar.remove(); });
      bar.append(words, drop);
      form.prepend(bar);
    }
    let timer = 0;
    const save = () => { write(key, { at: Date.now(), values: gather(form) }); };
    form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(save, 400); });
    form.addEventListener("change", save);
    form.addEventListener("submit", () => { clearTimeout(timer); write(key, { at: Date.now(), values: gather(form), sent: true }); });
  });

  // 交出去以后到了别的页面,说明服务器已收下;过期的也清掉
  drafts().forEach((key) => {
    const draft = read(key);
    if (!draft || Date.now() - draft.at > WEEK || (draft.sent && !present.has(key))) store.removeItem(key);
  });
  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-signout]")) drafts().forEach((key) => store.removeItem(key));
  });
})();
