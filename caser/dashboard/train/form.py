"""The Train page's form, made of the configuration's own fields."""

from __future__ import annotations

import dataclasses

import streamlit as st

from caser import checkpoint
from caser.config import CHAPTER, preset
from caser.dashboard import names, public
from caser.experiment import Experiment
from caser.fields import field_names
from caser.models import MODELS
from caser.training.devices import available_devices, resolve_device
from caser.words import spoken

PRESET_HELP = {
    "tuned": "the best settings found on ML-100K's validation so far; some models were searched less than others",
    "paper": "the settings of the model's authors",
    "chapter": f"the settings of the [source chapter]({CHAPTER}); its rule on negatives leaks a little of the test set",
}
LABELS = {
    "d": "Dimensions (d)",
    "L": "Window (L)",
    "n_h": "Horizontal filters (n_h)",
    "n_v": "Vertical filters (n_v)",
    "p": "User vector (p)",
    "T": "Next items to predict (T)",
    "tied": "Tied output rows",
    "T_decay": "Weight of further targets (T_decay)",
    "lr": "Learning rate (lr)",
    "init_std": "Initial spread (init_std)",
    "negatives": "Negatives for each target",
    "pool": "Items drawn for a batch",
    "ema": "Moving average of weights (ema)",
    "epochs": "Epochs at the most",
    "schedule": "Learning rate schedule",
    "decoupled": "Decoupled weight decay",
    "backwards": "Read backwards",
    "full_windows": "Full windows only",
    "hide_test": "Hide the test item",
}
ADVANCED = (
    "user_dropout",
    "init_std",
    "T",
    "T_decay",
    "schedule",
    "weight_decay",
    "decoupled",
    "ema",
    "refit",
    "shuffle_ties",
    "backwards",
    "full_windows",
    "hide_test",
    "pool",
)
STEPS = {
    "lr": 1e-3,
    "weight_decay": 1e-6,
    "init_std": 0.01,
    "batch_size": 256,
    "penalty": 50.0,
    "shrink": 1.0,
    "tau": 1.0,
}


def choose_start() -> tuple[str, str]:
    """The model to train and the preset to start from."""
    with st.container(horizontal=True, gap="large"):
        model = kept(
            "train model",
            "caser",
            st.segmented_control,
            "Model",
            MODELS,
            format_func=names.model,
            required=True,
            wrap=True,
        )
        presets = sorted(MODELS[model].presets, key=list(PRESET_HELP).index)
        key, label = f"train preset {model}", "Start from the preset"
        name = kept(key, "tuned", st.segmented_control, label, presets, required=True)
    said = f"{names.model(model)} {spoken(MODELS[model].summary)}"
    st.caption(f"{said}. {name.capitalize()}: {PRESET_HELP[name]}.")
    return model, name


def settings(model: str, name: str) -> dict:
    """Every setting of a model and of its training as the visitor left it, by field name."""
    start, values = preset(model, name), {}
    columns = st.columns(2, gap="medium")
    for column, title, half in zip(columns, ("Model", "Training"), (start.model, start.training), strict=True):
        with column.container(border=True, height="stretch"):
            st.markdown(f"**{title}**")
            values |= _group(half, f"train {model} {name}")
    return values


def _group(half, prefix: str) -> dict:
    """Widgets for one half of a configuration, the advanced ones folded away."""
    fields = dataclasses.fields(half)
    values = _grid([f for f in fields if f.name not in ADVANCED], half, prefix)
    with st.expander("Advanced"):
        return values | _grid([f for f in fields if f.name in ADVANCED], half, prefix)


def _grid(fields, half, prefix: str) -> dict:
    """Widgets two a row, on narrow screens too."""
    values = {}
    for i in range(0, len(fields), 2):
        with st.container(horizontal=True, wrap=False, vertical_alignment="bottom"):
            for field in fields[i : i + 2]:
                values[field.name] = _widget(field, getattr(half, field.name), f"{prefix} {field.name}")
    return values


def _widget(field: dataclasses.Field, default, key: str):
    """The widget that a field's metadata calls for."""
    meta, label = field.metadata, LABELS.get(field.name, field.name.replace("_", " ").capitalize())
    help = names.capital(meta["help"])
    if "options" in meta:
        return kept(key, default, st.selectbox, label, meta["options"], help=help)
    if isinstance(default, bool):
        return kept(key, default, st.toggle, label, help=help, width="stretch")
    whole = isinstance(field.default, int)
    return kept(
        key,
        default,
        st.number_input,
        label,
        meta["low"] if whole else float(meta["low"]),
        meta["high"] if whole else float(meta["high"]),
        step=STEPS.get(field.name, 1 if whole else 0.05),
        format="%d" if whole else "%g",
        help=f"{help}; from {meta['low']:,} to {meta['high']:,}",
    )


def kept(key: str, default, widget, *args, **options):
    """A widget that keeps its value over page switches and starts from `default`."""
    st.session_state.setdefault(key, default)
    return widget(*args, key=key, persist_state="session", **options)


def changes(values: dict, model: str, name: str) -> None:
    """What differs from the preset, with the way back."""
    start = preset(model, name)
    before = {f: getattr(half, f) for half in (start.model, start.training) for f in field_names(half)}
    changed = [f"{f} {before[f]} → {value}" for f, value in values.items() if value != before[f]]
    if changed:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"Changed from {name}: {', '.join(changed)}", width="content")
            label = "Back to the preset"
            st.button(label, type="tertiary", icon=":material/undo:", on_click=_reset, args=(f"train {model} {name} ",))


def _reset(prefix: str) -> None:
    for key in [key for key in st.session_state if key.startswith(prefix)]:
        del st.session_state[key]


def forget_name() -> None:
    """Offer a free name again: the one typed is that of a run that was started."""
    _reset("train name ")


def identity(dataset: str, model: str) -> tuple[str, int, str]:
    """The checkpoint's name, the seed and the device."""
    columns = st.columns([2, 1, 1])
    free = checkpoint.free_name(f"{dataset}-{model}")
    with columns[0]:
        name = kept(f"train name {free}", free, st.text_input, "Name of the checkpoint", max_chars=64)
    with columns[1]:
        seed = kept("train seed", 0, st.number_input, "Seed", 0, 2**31 - 1, help="The same seed gives the same model")
    with columns[2]:
        device = kept(
            "train device", "auto", st.selectbox, "Device", ["auto", *available_devices()], format_func=_device_label
        )
    return name.strip(), int(seed), device


def _device_label(name: str) -> str:
    return f"auto ({resolve_device().type})" if name == "auto" else name


def experiment(dataset: str, values: dict, model: str, name: str, seed: int, device: str) -> Experiment:
    """The run so described; ValueError if it cannot be."""
    if name in checkpoint.names():
        raise ValueError(f"there is a checkpoint {name!r} already; choose another name")
    return Experiment(name, dataset, preset(model).replace(**values), seed, device=device, keep_state=True)


def notice(error: ValueError) -> None:
    """An error as a sentence."""
    st.error(f"{names.capital(public.said(str(error)))}.".replace("..", "."), icon=":material/error:")
