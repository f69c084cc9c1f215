// How a change note becomes a line of a changelog: the note as it was written, without the hash of its commit. That a package of ours
// has a new version is in the manifest, and not repeated.
module.exports = {
  getReleaseLine: async ({ summary }) => {
    const [first, ...more] = summary.trim().split('\n');
    return [`- ${first}`, ...more.map((line) => (line ? `  ${line}` : ''))].join('\n');
  },
  getDependencyReleaseLine: async () => '',
};
