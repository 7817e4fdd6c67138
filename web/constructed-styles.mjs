/**
 * CodeMirror puts its styles into a `<style>` element unless it stands in a shadow root; a policy without
 * 'unsafe-inline' forbids that. Every browser that is supported has constructed style sheets: the build
 * makes it use them everywhere.
 */
export function constructedStyles() {
  return {
    name: 'constructed-styles',
    transform(code, id) {
      if (!id.includes('/style-mod/')) return null;
      const condition = '!root.head && root.adoptedStyleSheets';
      if (!code.includes(condition))
        throw new Error('style-mod has changed: see constructed-styles.mjs');
      return { code: code.replace(condition, 'root.adoptedStyleSheets'), map: null };
    },
  };
}
