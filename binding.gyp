# What node-gyp builds, with one list of sources for each kind of system:
# native/win and native/posix hold the same file names, and the choice is made
# here, so that no source needs an #ifdef for it.
#
# There is no addon yet: the target builds nothing. When native/addon.cc comes,
# "type" becomes "loadable_module", and to the sources below come addon.cc,
# engine/ and framing/, which every system shares.
{
  "targets": [
    {
      "target_name": "goodbyte",
      "type": "none",
      "sources": [],
      "conditions": [
        ["OS=='win'", {
          "variables": { "platform_folder": "native/win" },
          "sources": []
        }, {
          "variables": { "platform_folder": "native/posix" },
          "sources": []
        }]
      ]
    }
  ]
}
