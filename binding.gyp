# The addon, as node-gyp builds it. scripts/prebuild takes its sources from here too.
#
# native/win and native/posix hold the same file names, and the choice is made
# here, so that no source needs an #ifdef for it.
{
  "targets": [
    {
      "target_name": "goodbyte",
      "type": "loadable_module",
      "sources": [
        "native/addon.cc",
        "native/callback.cc",
        "native/engine/address.cc",
        "native/engine/arguments.cc",
        "native/engine/bindings.cc",
        "native/engine/connection.cc",
        "native/engine/connection_receiving.cc",
        "native/engine/engine.cc",
        "native/engine/event_queue.cc",
        "native/engine/handle.cc",
        "native/engine/listener.cc",
        "native/engine/memory.cc",
        "native/engine/octets.cc",
        "native/engine/slabs.cc",
        "native/framing/decoder.cc"
      ],
      "include_dirs": [
        "native",
        "<!(node -p \"require('node-addon-api').include_dir\")"
      ],
      "defines": [
        "NAPI_VERSION=8",
        "NAPI_DISABLE_CPP_EXCEPTIONS",
        # Nothing can be thrown in a worker that is being terminated; without
        # this the process is aborted for it.
        "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"
      ],
      "conditions": [
        ["OS=='win'", {
          "sources": [
            "native/win/crash.cc",
            "native/win/peer_identity.cc",
            "native/win/socket_options.cc",
            "native/win/stream.cc",
            "native/win/winsock.cc",
            "native/win/winsock/catalog.cc",
            "native/win/winsock/host.cc",
            "native/win/winsock/offer.cc",
            "native/win/winsock/provider.cc",
            "native/win/winsock/room.cc",
            "native/win/winsock/socket.cc",
            "native/win/winsock/table.cc",
            "native/win/winsock/upcalls.cc",
            "native/win/winsock/values.cc"
          ],
          "libraries": ["-lws2_32"],
          "msvs_settings": {
            "VCCLCompilerTool": {
              "AdditionalOptions": ["/std:c++17"],
              "ExceptionHandling": 0
            }
          }
        }, {
          "sources": [
            "native/posix/peer_identity.cc",
            "native/posix/socket_options.cc",
            "native/posix/stream.cc",
            "native/posix/winsock.cc"
          ],
          "cflags_cc": [
            "-std=c++17",
            "-fno-exceptions",
            "-fno-rtti",
            "-fvisibility=hidden"
          ],
          "xcode_settings": {
            "CLANG_CXX_LANGUAGE_STANDARD": "c++17",
            "GCC_ENABLE_CPP_EXCEPTIONS": "NO",
            "GCC_ENABLE_CPP_RTTI": "NO",
            "GCC_SYMBOLS_PRIVATE_EXTERN": "YES",
            "MACOSX_DEPLOYMENT_TARGET": "11.0"
          }
        }]
      ]
    }
  ]
}
