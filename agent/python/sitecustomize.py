def _armature():
    import sys
    here = __file__.rpartition("/")[0]
    sys.path[:] = [entry for entry in sys.path if entry != here]
    sys.path_importer_cache.pop(here, None)
    sys.modules.pop("sitecustomize", None)
    message = _armature_load(here, sys)
    environment = _armature_environment()
    if message and (environment.get("ARMATURE_REQUIRE_MESSAGE") == "1" or environment.get("ARMATURE_VERBOSE")):
        sys.stderr.write("armature: %s; running plain\n" % message)


def _armature_environment():
    from os import environ
    return environ


def _armature_load(here, sys):
    environment = _armature_environment()
    socket = environment.get("ARMATURE_SOCKET")
    if not socket:
        return None
    layout = {(3, 11): "311", (3, 14): "314"}.get(sys.version_info[:2])
    if layout is None or sys.implementation.name != "cpython":
        return "Python %d.%d is not supported" % sys.version_info[:2]
    if "t" in getattr(sys, "abiflags", "") or hasattr(sys, "gettotalrefcount"):
        return "this build of Python is not supported"
    if sys.platform != "linux":
        return "%s is not supported" % sys.platform
    from posix import uname
    machine = {"arm64": "aarch64"}.get(uname().machine, uname().machine)
    directory = environment.get("ARMATURE_AGENT_DIR") or here.rpartition("/")[0] + "/prebuilt"
    path = "%s/%s-linux/armature_cp%s.so" % (directory, machine, layout)
    import _imp
    spec = type(sys.__spec__)("_armature", None, origin=path)
    try:
        return _imp.create_dynamic(spec).attach(socket)
    except Exception as error:
        return str(error)
    finally:
        sys.modules.pop("_armature", None)


try:
    _armature()
except Exception:
    pass
del _armature, _armature_environment, _armature_load

# The sitecustomize module the user would have had without us, if there is one.
import sitecustomize
