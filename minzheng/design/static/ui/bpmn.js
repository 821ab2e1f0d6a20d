/* 流程图:data-bpmn 是 BPMN 文件地址,data-done / data-current 是环节编号(空格分隔),data-badge 贴在当前环节上。
   图是给人看的;读屏用 role=img 的说明文字。bpmn.io 的水印按其许可保留。 */
(() => {
  "use strict";
  const show = async (figure) => {
    const canvas = figure.querySelector(".canvas");
    const font = getComputedStyle(document.body).fontFamily;
    const viewer = new window.BpmnJS({
      container: canvas,
      textRenderer: { defaultStyle: { fontFamily: font, fontSize: 14 }, externalStyle: { fontFamily: font, fontSize: 13 } },
    });
    const answer = await fetch(figure.dataset.bpmn, { credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
    await viewer.importXML(await answer.text());
    const board = viewer.get("canvas");
    const known = viewer.get("elementRegistry");
    const ids = (text) => (text || "").split(/\s+/).filter((id) => id && known.get(id));
    ids(figure.dataset.done).forEach((id) => board.addMarker(id, "done"));
    ids(figure.dataset.current).forEach((id) => {
      board.addMarker(id, "cur");
      if (!figure.dataset.badge) return;
      const badge = document.createElement("div");
      badge.className = "badge";
      badge.textContent = figure.dataset.badge;
      viewer.get("overlays").add(id, { position: { top: -24, left: 0 }, html: badge });
    });
    const picture = canvas.querySelector("svg");
    picture.removeAttribute("tabindex");
    picture.setAttribute("role", "img");
    picture.setAttribute("aria-label", figure.querySelector("figcaption").textContent);
    board.zoom("fit-viewport", "auto");
    if (board.zoom() > 1) board.zoom(1, "auto");
    figure.dataset.ready = "1";
  };
  document.querySelectorAll("[data-bpmn]:not([data-begun])").forEach((figure) => {
    figure.dataset.begun = "1";
    show(figure).catch(() => {
      const words = document.createElement("p");
      words.className = "note";
      words.textContent = "流程图没有取到,不影响办理。请刷新重试,或看上方的办理步骤。";
      figure.querySelector(".canvas").replaceWith(words);
    });
  });
})();
