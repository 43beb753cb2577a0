/**
 * Reads QR codes with the camera where the browser can (BarcodeDetector). `canRead()` says whether it can; `readCodes(take)`
 * opens the camera in a dialog and calls `take(text)` for every code, the same one not twice within a second and a half.
 */
export async function canRead() {
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices?.getUserMedia) return false;
  try {
    return (await window.BarcodeDetector.getSupportedFormats()).includes("qr_code");
  } catch {
    return false;
  }
}

export async function readCodes(take) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
  const { dialog, video, words } = makeDialog();
  const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
  let last = "";
  let seenAt = 0;
  let isOpen = true;
  dialog.addEventListener("close", () => {
    isOpen = false;
    stream.getTracks().forEach((track) => track.stop());
    dialog.remove();
  });
  video.srcObject = stream;
  dialog.showModal();
  await video.play();
  while (isOpen) {
    const [code] = await detector.detect(video).catch(() => []);
    const now = performance.now();
    if (code?.rawValue && (code.rawValue !== last || now - seenAt > 1500)) {
      last = code.rawValue;
      navigator.vibrate?.(40);
      words.textContent = `Terbaca: ${last.split("/").pop()}`;
      take(last);
    }
    if (code?.rawValue) seenAt = now;
    await new Promise((next) => setTimeout(next, 140));
  }
}

function makeDialog() {
  const dialog = document.createElement("dialog");
  dialog.className = "camera";
  dialog.setAttribute("aria-label", "Pindai dengan kamera");
  const video = document.createElement("video");
  video.playsInline = true;
  video.muted = true;
  const words = document.createElement("p");
  words.setAttribute("role", "status");
  words.textContent = "Arahkan kamera ke kode QR di label.";
  const form = document.createElement("form");
  form.method = "dialog";
  const done = document.createElement("button");
  done.className = "button button--primary button--wide";
  done.textContent = "Selesai";
  form.append(done);
  dialog.append(video, words, form);
  document.body.append(dialog);
  return { dialog, video, words };
}
