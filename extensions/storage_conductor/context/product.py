"""Reader of product.md."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .language import filled, name, names
from .lexicon import listed
from .markdown import Block
from .model import Product, Stated
from .reading import Source, cell, first, place, several
from .text import PLACEHOLDER

_NAME_LABELS = listed("""
    product name;project name;product;project;application name;name of the product;service name
    produktname;projektname;produkt;projekt;nom du produit;nom du projet;produit
    nombre del producto;nombre del proyecto;producto;nome do produto;nome do projeto;produto
    产品名称;项目名称;製品名;プロダクト名
""")
_NAME_WORDS = listed("name;title;nom;nombre;nome;titel;名称;名前")
_TITLE_WORDS = re.compile(
    r"(?:product|project|produkt|projekt|produit|projet|producto|proyecto|produto|projeto)"
    r"(?:\s+(?:context|guide|overview|vision|brief|definition|description|requirements|document"
    r"|information|summary|kontext|übersicht))?"
    r"|overview|context|about|prd|产品|製品",
    re.IGNORECASE,
)
_TITLE = re.compile(r"(?P<a>.+?)\s*(?:[:：|]|\s[-–—]+)\s*(?P<b>.+)")
_VISION = listed("""
    vision;vision statement;product vision;our vision;mission;mission statement;produktvision
    vision du produit;visión;visión del producto;visão;visão do produto;愿景;产品愿景;ビジョン
    プロダクトビジョン
""")
_GOALS = listed("""
    goals;goal;product goals;core objectives;objectives;business goals;key objectives
    project goals;main goals;primary goals;ziele;produktziele;objectifs;objectifs du produit
    objetivos;objetivos del producto;objetivos do produto;metas;目标;产品目标;目標
""")
_METRICS = listed("""
    success metrics;success metric;metrics;kpis;kpi;key metrics;success criteria;key results
    key performance indicators;measures of success;erfolgskennzahlen;erfolgskriterien;kennzahlen
    indicateurs;indicateurs de succès;indicateurs de réussite;métricas;métricas de éxito
    métricas de sucesso;indicadores;成功指标;指标;成功指標
""")
_USERS = listed("""
    target users;target user;users;primary users;secondary users;user personas;personas;audience
    target audience;primary audience;secondary audience;who uses it;customers;target customers
    zielgruppe;zielgruppen;benutzer;nutzer;utilisateurs;utilisateurs cibles;public cible;usuarios
    usuarios objetivo;público objetivo;usuários;público alvo;usuários alvo;目标用户;用户;ユーザー
    対象ユーザー;ターゲットユーザー
""")


def read_product(source: Source) -> Product:
    """What product.md states."""
    blocks = [block for block in source.facts if block.kind != "todo"]
    return Product(
        name=first(_names(source, blocks)),
        vision=first(_visions(source, blocks)),
        goals=several(_listed(source, blocks, _GOALS)),
        success_metrics=several(
            each for each in _listed(source, blocks, _METRICS) if re.search(r"\d", each.value)
        ),
        target_users=several(_users(source, blocks)),
    )


def _names(source: Source, blocks: list[Block]) -> Iterator[Stated]:
    def near(block: Block) -> bool:
        return not block.parents and len(block.path) <= 2

    for value, block in source.labelled(_NAME_LABELS, generic=_NAME_WORDS, under=near):
        if (
            len(value) <= 60
            and block.kind != "heading"
            and not re.search(r"[.!?。]\s|[.。]$", value)
        ):
            yield source.stated(value, block)
    for block in blocks:
        under_name = set(names(block.path[-1].text)) & _NAME_LABELS if block.path else set()
        if under_name and block.kind == "text" and not block.label and len(block.text) <= 60:
            value = filled(block.text)
            if value and value[-1] not in ".!?。":
                yield source.stated(value, block)
    title = next((block for block in blocks if block.kind == "heading"), None)
    if title is not None and title.path[-1].level == 1:
        own = _title(title.text, blocks)
        if own:
            yield source.stated(own, title)


def _title(text: str, blocks: list[Block]) -> str:
    """The product's name in the title, if the title or a sentence makes clear that it is one."""
    found = _TITLE.fullmatch(text)
    if found:
        for own, other in ((found["a"], found["b"]), (found["b"], found["a"])):
            if _TITLE_WORDS.fullmatch(other) and not _TITLE_WORDS.fullmatch(own):
                return filled(own) if len(own) <= 60 and own[:1].isalnum() else ""
    if len(text.split()) > 4 or _TITLE_WORDS.fullmatch(text) or not filled(text):
        return ""
    subject = re.compile(
        rf"{re.escape(text)}(?:\s+(?:is|helps|lets|gives|provides|lets|enables|allows|ist|hilft|est|aide"
        r"|permet|es|ayuda|permite|é|ajuda)\b|是|帮助|は)"
    )
    proven = any(subject.match(block.text) for block in blocks if block.kind == "text")
    return text if proven else ""


def _visions(source: Source, blocks: list[Block]) -> Iterator[Stated]:
    for value, block in source.labelled(_VISION):
        if block.kind != "heading":
            yield source.stated(value, block)
    for block in blocks:
        if block.kind in {"text", "item"} and set(place(block)) & _VISION:
            value = filled(block.text)
            if value and PLACEHOLDER not in block.text:
                yield source.stated(value, block)


def _listed(source: Source, blocks: list[Block], wanted: frozenset[str]) -> Iterator[Stated]:
    """The items and rows that stand directly under one of the headings, or its lead-in line."""
    for block in blocks:
        if block.kind not in {"item", "row"} or block.depth > 1 or PLACEHOLDER in block.text:
            continue
        if not set(place(block)) & wanted:
            continue
        value = filled(cell(block))
        if block.label and (value or not block.columns):
            value = f"{block.label}: {value}" if value else block.label
        if filled(value):
            yield source.stated(value, block)


def _users(source: Source, blocks: list[Block]) -> Iterator[Stated]:
    for block in blocks:
        if block.depth > 1 or PLACEHOLDER in block.text or not set(place(block)) & _USERS:
            continue
        if block.kind == "heading" and name(block.text) in _USERS:
            continue
        if block.kind in {"item", "heading"} or (block.kind == "row" and block.columns):
            value = filled(block.label or block.text)
            if value and len(value) <= 80:
                yield source.stated(value, block)
