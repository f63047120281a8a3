// Sets the theme before anything is drawn; loaded as a plain script for that.
try {
  const theme = localStorage.getItem("stego-theme");
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
} catch {
  // Without storage the theme is the system's.
}
