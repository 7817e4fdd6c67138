/** Whether an object of the manifests (`Deployment catalog-v1`) says of pods how many there are. */
export function isOfPods({ object }: { readonly object: string }): boolean {
  return /^(Deployment|StatefulSet) /.test(object);
}
