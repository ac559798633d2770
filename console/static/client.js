// A client's link: the token stands behind the `#`, which browsers do not send, and is handed in by a form.
const form = document.getElementById("enter");
const token = location.hash.slice(1);
if (form && token) {
  history.replaceState(null, "", location.pathname);
  form.elements.token.value = token;
  form.requestSubmit();
}
