//! Every weight's gradient against a central difference, in every layer.

use std::sync::Arc;

use super::Workspace;
use crate::{Config, Model, Tokenizer, random::Random};

const LENGTH: usize = 70; // more than one block of attention rows, and not a multiple of it

fn loss(model: &Model, tokens: &[u32], targets: &[u32]) -> f64 {
    let mut work = Workspace::inference();
    work.forward(model, tokens, LENGTH);
    let rows = work.logits.chunks_exact_mut(model.config.vocabulary).zip(targets);
    rows.map(|(row, target)| {
        let exact: f64 = row.iter().map(|x| f64::from(*x).exp()).sum();
        exact.ln() - f64::from(row[*target as usize])
    })
    .sum()
}

#[test]
fn gradients_agree_with_differences_in_every_tensor() {
    let config = Config::new(257, 2, 16, 2, LENGTH).unwrap();
    let mut model = Model::new(config, Arc::new(Tokenizer::bytes()), 1).unwrap();
    let mut random = Random::new(2);
    for weight in &mut model.weights {
        *weight += (random.normal() * 0.15) as f32;
    }
    let mut ids = || (0..2 * LENGTH).map(|_| random.below(257) as u32).collect::<Vec<_>>();
    let (tokens, targets) = (ids(), ids());
    let mut gradient = vec![0.0; model.weights.len()];
    let mut work = Workspace::training();
    let summed = work.learn(&model, &tokens, &targets, LENGTH, 1.0, &mut gradient);
    assert!((summed - loss(&model, &tokens, &targets)).abs() < 1e-2);
    for tensor in model.layout.tensors(&model.config.clone()) {
        check_direction(&mut model, &gradient, &tensor.name, tensor.range, &tokens, &targets, &mut random);
    }
}

/// The slope along a random direction inside one tensor is the gradient's product with that direction.
fn check_direction(
    model: &mut Model,
    gradient: &[f32],
    name: &str,
    range: std::ops::Range<usize>,
    tokens: &[u32],
    targets: &[u32],
    random: &mut Random,
) {
    let direction: Vec<f32> = range.clone().map(|_| random.normal() as f32).collect();
    let length = (direction.len() as f32).sqrt();
    let step = 1e-2 / length;
    let saved = model.weights[range.clone()].to_vec();
    let mut shifted = |factor: f32| {
        for ((weight, old), d) in model.weights[range.clone()].iter_mut().zip(&saved).zip(&direction) {
            *weight = old + factor * step * d;
        }
        loss(model, tokens, targets)
    };
    let slope = (shifted(1.0) - shifted(-1.0)) / f64::from(2.0 * step);
    model.weights[range.clone()].copy_from_slice(&saved);
    let expected: f64 = gradient[range].iter().zip(&direction).map(|(g, d)| f64::from(g * d)).sum();
    let error = (slope - expected).abs() / (slope.abs() + expected.abs() + 0.5);
    assert!(error < 0.02, "{name}: difference {slope}, gradient {expected}");
}
