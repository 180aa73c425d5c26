// Forms that a passkey of the browser fills: data-passkey says whether to create one ("create") or to show one ("get").
(() => {
  const isPossible = "PublicKeyCredential" in window && window.isSecureContext
    && !/^(\d+\.){3}\d+$|^\[/.test(location.hostname); // a passkey belongs to a name, never to a number

  const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const toText = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const withBytes = (credentials = []) => credentials.map((c) => ({ ...c, id: toBytes(c.id) }));

  const creation = (options, alone) => ({
    ...options,
    challenge: toBytes(options.challenge),
    user: { ...options.user, id: toBytes(options.user.id) },
    excludeCredentials: withBytes(options.excludeCredentials),
    authenticatorSelection: {
      ...options.authenticatorSelection,
      residentKey: alone ? "required" : "discouraged",
      requireResidentKey: alone,
      ...(alone ? { userVerification: "required" } : {}),
    },
  });
  const request = (options) => ({
    ...options, challenge: toBytes(options.challenge), allowCredentials: withBytes(options.allowCredentials),
  });

  const written = (credential) => {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[name]) response[name] = toText(credential.response[name]);
    }
    if (credential.response.getTransports) response.transports = credential.response.getTransports();
    return JSON.stringify({
      id: credential.id, rawId: toText(credential.rawId), type: credential.type, response,
      authenticatorAttachment: credential.authenticatorAttachment,
      clientExtensionResults: credential.getClientExtensionResults(),
    });
  };

  const optionsOf = async (form) => {
    const address = form.dataset.passkeyAddress;
    if (!address) return JSON.parse(document.getElementById("passkey-options").textContent);
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(answer.statusText);
    return answer.json();
  };

  const ask = async (form) => {
    const options = await optionsOf(form);
    if (form.dataset.passkey === "get") {
      return navigator.credentials.get({ publicKey: request(options.request_options.publicKey) });
    }
    const alone = form.elements.passwordless ? form.elements.passwordless.checked : true;
    return navigator.credentials.create({ publicKey: creation(options.creation_options.publicKey, alone) });
  };

  const start = async (form) => {
    const status = form.querySelector("[data-passkey-status]");
    status.textContent = "";
    try {
      form.elements.credential.value = written(await ask(form));
      form.submit();
    } catch (error) {
      status.textContent = error.name === "NotAllowedError" ? status.dataset.refused : status.dataset.failed;
    }
  };

  document.querySelectorAll("form[data-passkey]").forEach((form) => {
    if (!isPossible) return;
    form.closest("[data-passkey-section]")?.removeAttribute("hidden");
    form.querySelector("[data-passkey-present]").hidden = false;
    form.querySelector("[data-passkey-absent]").hidden = true;
    form.querySelector("[data-passkey-button]").addEventListener("click", () => start(form));
    // Enter in a field asks for the key too: without one there is nothing to send.
    form.addEventListener("submit", (event) => { event.preventDefault(); start(form); });
  });
})();
