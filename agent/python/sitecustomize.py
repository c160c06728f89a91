def _armature():
    import sys
    separator = "\\" if sys.platform == "win32" else "/"
    here = __file__.rpartition(separator)[0]
    sys.path[:] = [entry for entry in sys.path if entry != here]
    sys.path_importer_cache.pop(here, None)
    sys.modules.pop("sitecustomize", None)
    message = _armature_load(here, separator, sys)
    environment = _armature_environment()
    if message and (environment.get("ARMATURE_REQUIRE_MESSAGE") == "1" or environment.get("ARMATURE_VERBOSE")):
        sys.stderr.write("armature: %s; running plain\n" % message)


def _armature_environment():
    from os import environ
    return environ


def _armature_load(here, separator, sys):
    environment = _armature_environment()
    socket = environment.get("ARMATURE_SOCKET")
    if not socket:
        return None
    layout = {(3, 11): "311", (3, 14): "314"}.get(sys.version_info[:2])
    if layout is None or sys.implementation.name != "cpython":
        return "Python %d.%d is not supported" % sys.version_info[:2]
    if "t" in getattr(sys, "abiflags", "") or hasattr(sys, "gettotalrefcount"):
        return "this build of Python is not supported"
    system = {"linux": "linux", "darwin": "macos", "win32": "windows"}.get(sys.platform)
    if system is None:
        return "%s is not supported" % sys.platform
    if system != "linux" and environment.get("ARMATURE_UNTESTED") != "1":
        return "the agent for %s was built, but has never been run (ARMATURE_UNTESTED=1 tries it)" % system
    machine = _armature_machine(system, environment)
    if system != "linux" and machine != "aarch64":
        return "there is no agent for %s on %s" % (system, machine)
    directory = environment.get("ARMATURE_AGENT_DIR") or here.rpartition(separator)[0] + separator + "prebuilt"
    file = "armature_cp%s.%s" % (layout, "pyd" if system == "windows" else "so")
    path = separator.join((directory, "%s-%s" % (machine, system), file))
    import _imp
    spec = type(sys.__spec__)("_armature", None, origin=path)
    try:
        return _imp.create_dynamic(spec).attach(socket)
    except Exception as error:
        return str(error)
    finally:
        sys.modules.pop("_armature", None)


def _armature_machine(system, environment):
    if system == "windows":
        name = environment.get("PROCESSOR_ARCHITECTURE", "").lower()
    else:
        from posix import uname
        name = uname().machine
    return {"arm64": "aarch64", "amd64": "x86_64"}.get(name, name)


try:
    _armature()
except Exception:
    pass
del _armature, _armature_environment, _armature_load, _armature_machine

# The sitecustomize module the user would have had without us, if there is one.
import sitecustomize
