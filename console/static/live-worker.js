// The browser's one stream of news, shared by its tabs: over HTTP/1.1 each stream takes one of six connections.
import { Stream } from "./stream.js";

const stream = new Stream(new URL("../events", self.location.href).href);

self.onconnect = ({ ports: [port] }) => {
  port.onmessage = ({ data }) => {
    if (data.join) {
      port.postMessage({ joined: true });
      stream.join(port, data.join, data.seconds, (message) => port.postMessage(message));
    } else if ("seen" in data) stream.show(port, data.seen);
    else if (data.here) stream.here(port);
    else if (data.leave) stream.leave(port);
  };
};
