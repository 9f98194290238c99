// Runs before the first paint, so that a light page does not flash dark. Not a module for that reason only.
document.documentElement.dataset.theme = localStorage.getItem("mrrt.theme") || "dark";
