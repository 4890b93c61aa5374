// The containers of a pod template, in the cells of a table.

interface Template {
  readonly spec?: { readonly containers?: readonly { readonly name: string; readonly image?: string }[] };
}

export const containerNames = (template: Template | undefined): string =>
  (template?.spec?.containers ?? []).map(({ name }) => name).join(",");
export const containerImages = (template: Template | undefined): string =>
  (template?.spec?.containers ?? []).map(({ image }) => image ?? "").join(",");
