// @ts-check
/*
 * Light or dark: the system's choice, or the one that the user made here (kept in localStorage).
 * A plain script, not a module: it runs before the first paint, so the page never flashes in the other colours.
 */
(() => {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const root = document.documentElement;

  /** @returns {string | null} the user's own choice; null where there is none, or storage is forbidden */
  const chosen = () => {
    try { return localStorage.getItem("asyncplot-theme"); } catch { return null; }
  };

  const isDark = () => (root.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";

  /** @param {string | null} theme null: as the system */
  const use = (theme) => {
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
    document.getElementById("dark")?.setAttribute("aria-pressed", String(isDark()));
  };

  use(chosen());
  system.addEventListener("change", () => use(chosen()));
  addEventListener("storage", () => use(chosen())); // chosen on another page
  document.addEventListener("DOMContentLoaded", () => {
    use(chosen());
    document.getElementById("dark")?.addEventListener("click", () => {
      const wanted = isDark() ? "light" : "dark";
      const own = (wanted === "dark") === system.matches ? null : wanted;
      try {
        if (own) localStorage.setItem("asyncplot-theme", own);
        else localStorage.removeItem("asyncplot-theme");
      } catch { /* storage is forbidden: the choice holds until the page is loaded again */ }
      use(own);
    });
  });
})();
