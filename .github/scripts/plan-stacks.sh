#!/usr/bin/env bash
# plan-stacks.sh STAGE plan|drift: plans every stack of a synthesised stage, in order, reading only.
# plan: 0 when every plan succeeds. drift: 0 without a difference, 2 with one. Both: 1 when a plan fails.
set -uo pipefail

stage=${1:?stage}
mode=${2:?plan or drift}
root=$(cd "$(dirname "$0")/../.." && pwd)
out=${CDKTF_OUT:-$root/cdktf.out}
lock=$root/infra/.terraform.lock.hcl
failed=0
changed=()

stacks=$(cd "$root" && npm run -s stacks -- --stage "$stage") || exit 1
for stack in $stacks; do
  # The identity may not read the group of the state itself.
  [ "$stack" = "$stage-bootstrap" ] && continue
  folder=$out/stacks/$stack
  [ -f "$lock" ] && cp "$lock" "$folder/.terraform.lock.hcl"
  echo "::group::$stack"
  if ! terraform -chdir="$folder" init -input=false -no-color; then
    failed=1
  else
    # A reader cannot take the lease of the state's blob.
    terraform -chdir="$folder" plan -input=false -no-color -lock=false -detailed-exitcode
    case $? in
      0) ;;
      2) changed+=("$stack") ;;
      *) failed=1 ;;
    esac
  fi
  echo "::endgroup::"
done

echo "stacks with changes: ${changed[*]:-none}"
[ "$failed" = 1 ] && exit 1
if [ "$mode" = drift ] && [ ${#changed[@]} -gt 0 ]; then exit 2; fi
exit 0
