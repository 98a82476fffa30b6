import { providerFacts } from "../facts";
import { about, type Finding } from "./finding";
import { referencesIn, visitTexts } from "./references";
import type { SynthesisedStage } from "./synthesis";

const literalSecrets: readonly RegExp[] = [
  /AccountKey=[^;]{4,}/i,
  /SharedAccessKey=[^;]{4,}/i,
  /SharedAccessSignature=/i,
  /[?&]sig=[A-Za-z0-9%+/]{20,}/,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /\b(password|pwd)\s*=\s*[^;\s]{4,}/i,
  /\bdapi[0-9a-f]{32}\b/,
  /\beyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}\./,
  /^[A-Za-z0-9+/]{86}==$/,
  /^[A-Za-z0-9+/]{43}=$/,
];

/** Attributes that hold a key, a connection string or a password. */
const secretAttribute =
  /(^|_|\.)(primary|secondary)_(access_)?key$|_connection_string$|^(connection_string|password|administrator_password|instrumentation_key|access_token|client_secret|result|bcrypt_hash|shared_access_policy)$|_(sas|password|secret|token)$|primary_readonly_key|secondary_readonly_key|shared_key/;

/** No key, password or connection string in any output of synthesis, and none read from a resource. */
export function checkSecrets(stage: SynthesisedStage): Finding[] {
  const findings: Finding[] = [];
  for (const stack of stage.stacks) {
    for (const resource of [...stack.resources, ...stack.data]) {
      const facts = providerFacts[resource.type]?.attrs ?? {};
      visitTexts(resource.args, (text, path) => {
        const factsPath = path.replaceAll(/\[\d+\]/g, "");
        if (literalSecrets.some((pattern) => pattern.test(text))) {
          findings.push(about(resource, "secrets.literal", `${factsPath} looks like a key or a password`));
        } else if (facts[factsPath]?.f.includes("S") && !text.includes("${") && text !== "") {
          findings.push(
            about(resource, "secrets.literal", `${factsPath} is secret and is written in the configuration`),
          );
        }
        for (const reference of referencesIn(text)) {
          if (reference.kind === "resource" && secretAttribute.test(reference.attribute)) {
            findings.push(about(resource, "secrets.reference", `${factsPath} takes ${reference.text}`));
          }
        }
      });
    }
    const outside = {
      output: stack.json["output"] ?? null,
      locals: stack.json["locals"] ?? null,
      provider: stack.json["provider"] ?? null,
    };
    visitTexts(outside, (text, path) => {
      const isSecret =
        literalSecrets.some((pattern) => pattern.test(text)) ||
        referencesIn(text).some(
          ({ kind, attribute }) => kind === "resource" && secretAttribute.test(attribute),
        );
      if (isSecret) {
        findings.push({
          check: "secrets.output",
          stack: stack.name,
          address: path,
          path: stack.name,
          message: `${path} gives a secret away`,
        });
      }
    });
  }
  return findings;
}
